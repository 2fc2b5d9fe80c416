package handover.riscv;

import handover.vmstate.StreamException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Tells another machine where this one's guest is hot; gets this one ready for a guest that another
 * told about, before it arrives: its regions are translated, and called without a budget, which
 * does nothing, until HotSpot has compiled them.
 */
final class Warmth {
  /**
   * So that HotSpot's first compiler takes a region on, and its better one (tools/java-options).
   */
  private static final int FEW_CALLS = 2_500;

  private static final int MANY_CALLS = 60_000;

  /** The better compiler takes tens of milliseconds for a region: these are where the time goes. */
  private static final int MOST_COMPILED_WELL = 200;

  private static final double SHARE_COMPILED_WELL = 0.98;

  private final CodeCache cache;
  private final Translator translator;

  Warmth(CodeCache cache, Translator translator) {
    this.cache = cache;
    this.translator = translator;
  }

  // ---- here

  /** Where the guest is hot. */
  HotCode hotCode() {
    List<Region> regions = new ArrayList<>(translator.made());
    Map<Region, Integer> samples = new HashMap<>();
    regions.forEach(region -> samples.put(region, region.code.samples));
    regions.sort(Comparator.comparing(samples::get).reversed());
    Map<CodePage, Integer> indices = new HashMap<>();
    List<HotCode.Page> pages = new ArrayList<>();
    List<HotCode.Place> places = new ArrayList<>();
    for (Region region : regions) {
      if (places.size() == HotCode.MOST_REGIONS
          || pages.size() + region.window().length > HotCode.MOST_PAGES) {
        break;
      }
      int[] window = new int[region.window().length];
      for (int i = 0; i < window.length; i++) {
        window[i] = region.window()[i] == null ? -1 : index(region.window()[i], indices, pages);
      }
      places.add(new HotCode.Place(region.offset, window, samples.get(region)));
    }
    return new HotCode(pages, places);
  }

  private int index(CodePage page, Map<CodePage, Integer> indices, List<HotCode.Page> pages) {
    return indices.computeIfAbsent(
        page,
        p -> {
          pages.add(new HotCode.Page(cache.physical(p), p.executed()));
          return pages.size() - 1;
        });
  }

  // ---- there

  /**
   * Gets ready, in the order of the list, until {@code enough}. Memory may still be changing: what
   * was made of other bytes than the guest's is found out before it is entered.
   *
   * @throws StreamException if there is no memory where code is said to be; nothing was done then
   */
  void prepare(HotCode hot, BooleanSupplier enough) {
    List<CodePage> pages = hot.pages().stream().map(this::page).toList();
    for (int i = 0; i < pages.size() && !enough.getAsBoolean(); i++) {
      pages.get(i).decode(hot.pages().get(i).executed());
    }
    List<HotCode.Place> places = hot.regions();
    int hottest = hottest(places);
    List<TranslatedCode> codes = make(places.subList(0, hottest), pages, enough);
    codes.stream().takeWhile(code -> !enough.getAsBoolean()).forEach(code -> code.call(MANY_CALLS));
    make(places.subList(hottest, places.size()), pages, enough);
  }

  /** How many of them are worth the better compiler. */
  private static int hottest(List<HotCode.Place> places) {
    double wanted = SHARE_COMPILED_WELL * places.stream().mapToLong(HotCode.Place::samples).sum();
    int count = 0;
    for (long soFar = 0;
        count < Math.min(places.size(), MOST_COMPILED_WELL) && soFar < wanted;
        count++) {
      soFar += places.get(count).samples();
    }
    return count;
  }

  private List<TranslatedCode> make(
      List<HotCode.Place> places, List<CodePage> pages, BooleanSupplier enough) {
    List<TranslatedCode> codes = new ArrayList<>();
    for (HotCode.Place place : places) {
      if (enough.getAsBoolean()) {
        return codes;
      }
      Region region = translator.make(window(place, pages), place.offset());
      if (region != null) {
        codes.add(region.code);
        region.code.call(FEW_CALLS);
      }
    }
    return codes;
  }

  private CodePage page(HotCode.Page page) {
    CodePage known = cache.page(page.physical());
    if (known == null) {
      throw new StreamException(
          "the source's guest executes code at 0x%x, where this machine has no memory"
              .formatted(page.physical()));
    }
    return known;
  }

  private static CodePage[] window(HotCode.Place place, List<CodePage> pages) {
    CodePage[] window = new CodePage[place.window().length];
    for (int i = 0; i < window.length; i++) {
      window[i] = place.window()[i] < 0 ? null : pages.get(place.window()[i]);
    }
    return window;
  }
}
